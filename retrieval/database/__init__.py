"""The database: opened, and its tables brought up to date by one chain of migrations."""
