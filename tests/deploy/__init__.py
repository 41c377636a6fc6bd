"""The deployment files hold together: with one another, with the program, and with what reads them."""
