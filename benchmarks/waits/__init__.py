"""What a person waits for: each module has `measure(seconds)`, what -> milliseconds."""
