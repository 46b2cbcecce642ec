"""What tests drive: the domain on doubles, the functions of a deployment, and the tables that both stand on."""
