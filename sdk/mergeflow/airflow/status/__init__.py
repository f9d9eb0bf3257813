"""What `mergeflow status` asks of Git and of Airflow's REST API. Airflow itself is never imported here."""
