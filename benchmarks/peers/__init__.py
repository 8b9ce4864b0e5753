"""The tasks as their users would write them with other libraries."""
