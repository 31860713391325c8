import type { Contract, OperationDescription } from "@wuts/contract";
import { asObject, type Json, operationIn, parametersIn, resolveIn } from "@wuts/contract/document";

/**
 * Builds the variant of the contract that the API page reads. The page puts the examples of all parameters into the request that
 * it is about to send, and shows no `x-unsent-example`. Here the examples of optional parameters, these too, are marked as not sent
 * (`x-disabled`, Scalar's own extension) until the user ticks them.
 */
export function documentOfPage({ document, operations }: Contract): object {
  const paths = Object.entries(document.paths).map(([path, item]) => {
    const own = operations.filter((operation) => operation.path === path);
    const shown = own.map((operation) => [operation.method, operationOfPage(document, operation)]);
    // The parameters of the path are among those of each operation now.
    return [path, { ...asObject(item), parameters: [], ...Object.fromEntries(shown) }];
  });
  return { ...document, paths: Object.fromEntries(paths) };
}

function operationOfPage(document: Contract["document"], operation: OperationDescription): Json {
  const described = operationIn(document, operation);
  const parameters = parametersIn(document, operation);
  const bodies = Object.values(asObject(resolveIn(document, described.requestBody).content)).map(asObject);
  const name = nameOfFirstExample([...bodies, ...parameters]);
  const isSentUnasked = (parameter: Json) =>
    parameter.required === true || operation.requiresOneOf.some((needed) => needed === parameter.name);
  return {
    ...described,
    parameters: parameters.map((parameter) =>
      isSentUnasked(parameter) ? parameter : withExamplesOff(parameter, name),
    ),
  };
}

/** @param name the example of the operation that the page shows first: the examples beside it must have this name */
function withExamplesOff(
  { example, "x-unsent-example": shown = example, examples, ...parameter }: Json,
  name: string,
): Json {
  const named = shown === undefined ? examples : { [name]: { value: shown } };
  const off = Object.entries(asObject(named)).map(([key, value]) => [
    key,
    { ...asObject(value), "x-disabled": true },
  ]);
  return { ...parameter, examples: Object.fromEntries(off) };
}

/** The page offers the named examples of a request in the order in which the contract has them, its body first. */
function nameOfFirstExample(parts: readonly Json[]): string {
  const names = parts.flatMap(({ examples }) => Object.keys(asObject(examples)));
  return names[0] ?? "example";
}
