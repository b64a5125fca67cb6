"""Commands for the database: the way in for people, its roles and passwords."""
