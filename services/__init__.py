"""The five services, the chassis they stand on, and the one program that runs them."""
