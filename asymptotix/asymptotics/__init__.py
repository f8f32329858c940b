"""Every phase from dominant balance: growth, balance, phases. Imports no numeric solver."""
