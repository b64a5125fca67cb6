"""Who may do what: the roles of people, with the conditions under which they are assumed."""
