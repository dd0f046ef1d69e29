"""Where photos and videos come from, and who they show."""
