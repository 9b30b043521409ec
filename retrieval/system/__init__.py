"""Files and processes, handled so that nothing half done or foreign gets through."""
