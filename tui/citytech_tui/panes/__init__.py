"""The panes: one per tab, each showing the app's selection; they do not know each other."""
