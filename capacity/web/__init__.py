"""The service on the web: routes of three lines (parse, call, answer), what guards them and what watches them."""
