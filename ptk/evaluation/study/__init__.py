"""A user study of weights: people rank what they made, and a report says whom they prefer, as in a paper's table."""
