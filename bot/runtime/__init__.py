"""What a process needs: deadlines, signals, request ids, times, garbage collection."""
