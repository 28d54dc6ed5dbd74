"""The book: all input tables, mapped to the contract, typed, checked and stored."""
