"""What is found while a file is read, held against its model or built: slugs without a rule of their own.

The texts have the form of a rule's docstring; where no config can show the problem, *Bad* and *Good* are left out.
"""

READING = {
    "broken-rule": """\
A house rule cannot be loaded, or fails while it checks.

*Why*: what it would have found is not reported, and nobody would notice. The other rules still run. It is a module of
`validators/rules/`, and `mergeflow new rule <name>` writes one that works.
""",
    "build-failed": """\
Airflow cannot build a DAG that has passed every check.

*Why*: an operator may refuse values that only it knows to be wrong. The DAG is left out, the others are live, and what
the operator said stands among Airflow's import errors.
""",
    "duplicate-key": """\
A key stands twice in one mapping.

*Why*: YAML's readers keep the second and drop the first without a word; one of the two was a mistake.

*Bad*:

    orders:
      schedule: "@daily"
      schedule: "@hourly"
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator}

*Good*:

    orders:
      schedule: "@daily"
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator}
""",
    "invalid-policy": """\
The policy says something that cannot be meant.

*Why*: a level for a rule that does not exist, a waiver that covers nothing or a time span that is none would do
nothing, and nobody would notice. The rest of the policy still holds.

*Bad*:

    # validators/policy.yaml
    rules: {unknown-operater: warning}
    # configs/team/orders.yaml
    orders:
      schedule: "@daily"
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator}

*Good*:

    # validators/policy.yaml
    rules: {unknown-operator: warning}
    # configs/team/orders.yaml
    orders:
      schedule: "@daily"
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator}
""",
    "invalid-value": """\
A value has the right type and lies outside what is allowed.

*Why*: Airflow refuses it when the DAG is built, or takes it and never runs the task.

*Bad*:

    orders:
      schedule: "@daily"
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator, retries: -1}

*Good*:

    orders:
      schedule: "@daily"
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator, retries: 0}
""",
    "invalid-yaml": """\
A file is not YAML, or not of the plain kind that configs may be.

*Why*: nothing in the file can be read. Besides broken syntax that is what no config needs, or what reading would not
survive: tags for Python objects, a second document, aliases without end, more than 1 MiB, text that is not UTF-8.

*Bad*:

    orders:
      schedule: "@daily"
      tasks:
        extract:
          operator: airflow.providers.standard.operators.bash.BashOperator
          bash_command: {{ ds }}

*Good*:

    orders:
      schedule: "@daily"
      tasks:
        extract:
          operator: airflow.providers.standard.operators.bash.BashOperator
          bash_command: "{{ ds }}"
""",
    "too-many-problems": """\
A file has more problems than anybody reads.

*Why*: thousands of mistakes in one file have few causes. The first of them are told, and none of the file's DAGs is
built, for the others may be worse.
""",
    "unreadable-file": """\
A config file cannot be opened.

*Why*: its DAGs would vanish from Airflow. It is a link that leads nowhere or out of the repository, a folder or a pipe
with a config's name, or a file that this user may not read.
""",
    "wrong-type": """\
A value is not of the type that its key takes.

*Why*: dag-factory passes it on, and Airflow refuses the DAG or takes it for something else: the text "false" is true.

*Bad*:

    orders:
      schedule: "@daily"
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator, retries: "3"}

*Good*:

    orders:
      schedule: "@daily"
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator, retries: 3}
""",
}
