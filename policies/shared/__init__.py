"""Rules of any application: they state no figure of TaskFlow's, so that another application's pack has them too."""
