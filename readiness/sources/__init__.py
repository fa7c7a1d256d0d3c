"""Where the estate is read: Microsoft Graph and the SMS Provider, both behind one Guard."""
