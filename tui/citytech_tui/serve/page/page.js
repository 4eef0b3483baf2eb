// Keys go to the terminal as soon as it shows something, without a click.
const observer = new MutationObserver(() => {
  const keys = document.querySelector(".xterm-helper-textarea");
  if (keys && document.body.classList.contains("-first-byte")) {
    observer.disconnect();
    keys.focus();
  }
});
observer.observe(document, { attributes: true, childList: true, subtree: true });
