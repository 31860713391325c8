import type { Plugin } from "./redocly.ts";
import { closedObjects } from "./rules/closed-objects.ts";
import { distinctRequests } from "./rules/distinct-requests.ts";
import { errorCodes } from "./rules/error-codes.ts";
import { exampleRequests } from "./rules/example-requests.ts";
import { examples } from "./rules/examples.ts";
import { headerExamples } from "./rules/header-examples.ts";
import { knownExtensions } from "./rules/known-extensions.ts";
import { lineExamples } from "./rules/line-examples.ts";
import { linearPatterns } from "./rules/linear-patterns.ts";
import { namedAnswers } from "./rules/named-answers.ts";
import { noSettings } from "./rules/no-settings.ts";
import { operationRole } from "./rules/operation-role.ts";
import { redactSecrets } from "./rules/redact-secrets.ts";
import { requiresOneOf } from "./rules/requires-one-of.ts";
import { unsentExamples } from "./rules/unsent-examples.ts";

/** The rules for `openapi.yaml` that Redocly's own cannot express. `redocly.yaml` turns them on. */
export default function plugin(): Plugin {
  return {
    id: "wuts",
    rules: {
      oas3: {
        "closed-objects": closedObjects,
        "distinct-requests": distinctRequests,
        "error-codes": errorCodes,
        "example-requests": exampleRequests,
        examples,
        "header-examples": headerExamples,
        "known-extensions": knownExtensions,
        "line-examples": lineExamples,
        "linear-patterns": linearPatterns,
        "named-answers": namedAnswers,
        "no-settings": noSettings,
        "operation-role": operationRole,
        "redact-secrets": redactSecrets,
        "requires-one-of": requiresOneOf,
        "unsent-examples": unsentExamples,
      },
    },
  };
}
