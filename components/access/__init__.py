"""Who may do what, and the way in: the roles of people, and the task through which they reach the database."""
