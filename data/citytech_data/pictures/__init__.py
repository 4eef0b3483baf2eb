"""The data of each picture: frames in, marks on axes out; whoever draws them needs no frame."""
