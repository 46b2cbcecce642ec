"""What is said on the command line, and how it gets to the stacks."""

from __future__ import annotations

from tests.mutants_of_stacks.mutant import Mutant

APP = "app.py"
CONTEXT = "stacks/context.py"
BUNDLING = "stacks/bundling.py"
MAKEFILE = "tests/unit/documents/test_makefile.py"

MUTANTS = (
    *(
        Mutant(f"{name} is dropped on the way", CONTEXT, f'    "{name}": {function},\n', "", "test_context.py")
        for name, function in (
            ("emulator_url", "_on_emulator"),
            ("php_api_url", "_with_shop"),
            ("budget_email", "_reporting_costs"),
            ("alarm_email", "_telling_of_alarms"),
            ("account_concurrency", "_reserving_concurrency"),
            ("assignment", "_assigning"),
            ("traffic_shift", "_shifting"),
            ("host", "_at_host"),
            ("certificate", "_with_certificate"),
            ("widget_certificate", "_with_widget_certificate"),
            ("hosted_zone", "_in_zone"),
        )
    ),
    Mutant(
        "nothing of what is given is handed on",
        CONTEXT,
        "environment = select_environment(name, **given)",
        "environment = select_environment(name)",
        "test_context.py",
    ),
    Mutant("misspelt context is taken", CONTEXT, "    refuse_unknown(context)\n", "", "test_context.py"),
    Mutant(
        "the emulator's stacks go to AWS",
        CONTEXT,
        "    refuse_the_emulators_environment_on_aws(environment)\n",
        "",
        "test_context.py",
    ),
    Mutant(
        "a qualifier is not looked at",
        CONTEXT,
        "    refuse_what_the_cdk_takes_too_late(context, environment)\n",
        "",
        "test_context.py",
    ),
    Mutant(
        "what was given is forgotten",
        CONTEXT,
        "given={name: given[name] for name in given if name",
        "given={name: given[name] for name in () if name",
        "test_context.py",
    ),
    Mutant(
        "the shop over plain HTTP",
        CONTEXT,
        'parts.scheme == "https" or is_local',
        'parts.scheme in ("http", "https") or is_local',
        "test_context.py",
    ),
    Mutant("a budget in any Region", CONTEXT, ' else "a budget" if environment.budget_email', "", "test_context.py"),
    Mutant("make drops the host", "Makefile", "$(if $(CHAT_HOST),'host=$(CHAT_HOST)')", "", MAKEFILE),
    Mutant("make drops the certificate", "Makefile", "$(if $(CERTIFICATE),'certificate=$(CERTIFICATE)')", "", MAKEFILE),
    Mutant(
        "make drops the widget's certificate",
        "Makefile",
        "$(if $(WIDGET_CERTIFICATE),'widget_certificate=$(WIDGET_CERTIFICATE)')",
        "",
        MAKEFILE,
    ),
    Mutant("make drops the zone", "Makefile", "$(if $(HOSTED_ZONE),'hosted_zone=$(HOSTED_ZONE)')", "", MAKEFILE),
    Mutant("every Region", CONTEXT, "environment.target is AWS and region", "False and region", "test_context.py"),
    Mutant(
        "the Region of the CLI is not used",
        CONTEXT,
        "region=region)",
        "region=None)",
        "test_context.py",
    ),
    Mutant(
        "the Region that the CLI takes by itself is written into templates",
        CONTEXT,
        "        return None\n    return region or None",
        "        return region\n    return region or None",
        "test_context.py",
    ),
    Mutant(
        "a budget is asked for where there are none",
        "stacks/operations_stack.py",
        "self.region not in SUPPORTED_REGIONS",
        "False",
        "test_embedding.py",
    ),
    Mutant("an old widget is shipped", APP, "        widget_build.bring_up_to_date()\n", "", "test_assembly.py"),
    Mutant(
        "half a synthesis is taken for a whole one",
        APP,
        "        assembly.begin(Path(app.outdir))\n",
        "",
        "test_assembly.py",
    ),
    Mutant(
        "errors end in a traceback",
        APP,
        "except (InvalidContextError, BundlingError, ",
        "except (BundlingError, ",
        "test_context.py",
    ),
    Mutant(
        "the runtime is written into templates",
        "cdk.json",
        '"versionReporting": false',
        '"versionReporting": true',
        "test_context.py",
    ),
    Mutant(
        "the app needs a Python that is active",
        "cdk.json",
        '"python3 launch.py app.py"',
        '"python3 app.py"',
        "test_launch.py",
    ),
    Mutant(
        "references that cannot be changed",
        "cdk.json",
        '"@aws-cdk/core:defaultCrossStackReferences": "strong"',
        '"@aws-cdk/core:defaultCrossStackReferences": "weak"',
        "test_chat_stack.py",
    ),
    Mutant(
        "wheels for another system",
        BUNDLING,
        'platform="aarch64-manylinux2014"',
        'platform="aarch64-apple-darwin"',
        "test_promises.py",
    ),
    Mutant(
        "wheels for another processor",
        BUNDLING,
        'platform="aarch64-manylinux2014"',
        'platform="x86_64-manylinux2014"',
        "test_promises.py",
    ),
    Mutant(
        "wheels for another Python",
        BUNDLING,
        'BundleTarget(python_versions=("3.14",)',
        'BundleTarget(python_versions=("3.13",)',
        "test_promises.py",
    ),
    Mutant("packages without hashes", BUNDLING, '"--require-hashes", ', "", "test_bundling.py"),
    Mutant(
        "the bare folder by the bundle's name",
        BUNDLING,
        "return hash_of_bundle if bundled else",
        "return hash_of_bundle if True else",
        "test_bundling.py",
    ),
    Mutant(
        "a bundle that nobody but its owner reads",
        BUNDLING,
        "    _let_lambda_read(output)\n\n\ndef",
        "\n\ndef",
        "test_bundling.py",
    ),
    Mutant(
        "production is not synthesized",
        "Makefile",
        "ENVIRONMENTS = $(shell grep -o '\\bname=\"[^\"]*\"' stacks/environments.py | cut -d'\"' -f2)",
        "ENVIRONMENTS := local dev staging",
        MAKEFILE,
    ),
    Mutant("make drops the assignment", "Makefile", "$(if $(ASSIGNMENT),'assignment=$(ASSIGNMENT)') ", "", MAKEFILE),
    Mutant("make drops the shop", "Makefile", "$(if $(PHP_API_URL),'php_api_url=$(PHP_API_URL)')", "", MAKEFILE),
    Mutant("make drops the budget", "Makefile", "$(if $(BUDGET_EMAIL),'budget_email=$(BUDGET_EMAIL)')", "", MAKEFILE),
    Mutant("make drops the alarms", "Makefile", "$(if $(ALARM_EMAIL),'alarm_email=$(ALARM_EMAIL)')", "", MAKEFILE),
    Mutant(
        "make drops the concurrency",
        "Makefile",
        "$(if $(CONCURRENCY),'account_concurrency=$(CONCURRENCY)')",
        "",
        MAKEFILE,
    ),
    Mutant(
        "make deploys without asking",
        "Makefile",
        "$(if $(APPROVAL),--require-approval '$(APPROVAL)')",
        "--require-approval never",
        MAKEFILE,
    ),
    Mutant(
        "make ships an old widget",
        "Makefile",
        "deploy: environment-on-aws $(READY) widget",
        "deploy: environment-on-aws $(READY)",
        MAKEFILE,
    ),
    Mutant(
        "make lets local go to AWS",
        "Makefile",
        "$(if $(filter local,$(ENV)),",
        "$(if $(filter nothing,$(ENV)),",
        MAKEFILE,
    ),
)
