from mergeflow.airflow import load_dags

load_dags(globals(), "simulators")
