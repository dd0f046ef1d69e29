"""What words do to a face, and the expressions that are made of them."""
