"""How errors at a finite size differ from the state evolution: computed, measured, and what claims allow for it."""
