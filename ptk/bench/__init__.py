"""What this machine can do, and how near to it a recipe's training and edits come."""
