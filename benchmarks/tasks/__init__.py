"""What is timed: each module has TITLE and CONTESTANTS, name -> function that prepares a call."""
