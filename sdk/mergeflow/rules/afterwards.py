"""What is found once all rules have run: slugs without a rule of their own, all of them warnings.

The texts have the form of a rule's docstring.
"""

AFTERWARDS = {
    "unused-ignore": """\
A comment that ignores a rule ignores nothing.

*Why*: it was left behind, names a rule that does not exist, or gives no reason: then what it is about is still
reported. One that stays would hide the next mistake on this line.

*Bad*:

    orders:
      schedule: "@daily"
      tasks:
        # mergeflow: ignore[unknown-operator] it is installed on Friday
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator}

*Good*:

    orders:
      schedule: "@daily"
      tasks:
        # mergeflow: ignore[unknown-operator] it is installed on Friday
        extract: {operator: airflow.providers.standard.operators.empty.EmptierOperator}
""",
    "unused-waiver": """\
A waiver of the policy waives nothing.

*Why*: what it was for has been mended. One that stays would hide the next mistake of this kind. It is looked for only
when everything is checked.

*Bad*:

    # validators/policy.yaml
    waivers:
      - rule: unknown-operator
        paths: [configs/team/**]
        owner: platform
        reason: the provider is installed on Friday
        until: 9999-12-31
    # configs/team/orders.yaml
    orders:
      schedule: "@daily"
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptyOperator}

*Good*:

    # validators/policy.yaml
    waivers:
      - rule: unknown-operator
        paths: [configs/team/**]
        owner: platform
        reason: the provider is installed on Friday
        until: 9999-12-31
    # configs/team/orders.yaml
    orders:
      schedule: "@daily"
      tasks:
        extract: {operator: airflow.providers.standard.operators.empty.EmptierOperator}
""",
}
