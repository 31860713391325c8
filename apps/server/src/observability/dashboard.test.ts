import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, it } from "vitest";
import { at, listAt, textAt } from "../test-support/call.ts";
import { startWorld, type World } from "../test-support/world.ts";

const dashboard: unknown = JSON.parse(
  await readFile(new URL("../../../../ops/grafana/wuts.json", import.meta.url), "utf8"),
);
const panels = listAt(dashboard, "panels").filter((panel) => at(panel, "type") !== "row");
const expressions = panels.flatMap((panel) =>
  listAt(panel, "targets").map((target) => textAt(target, "expr")),
);

describe("The Grafana dashboard", () => {
  let world: World;
  /** The types of all metrics, by name. */
  let metrics: ReadonlyMap<string, string>;
  beforeAll(async () => {
    world = await startWorld();
    const text = String((await world.call("/metrics")).body);
    const described = [...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)];
    metrics = new Map(described.map(([, name = "", type = ""]) => [name, type]));
  });
  afterAll(() => world.stop());

  /** Names as queries have them; a histogram has three. */
  const namesOf = ([name, type]: [string, string]) =>
    type === "histogram" ? ["bucket", "sum", "count"].map((part) => `${name}_${part}`) : [name];

  it("asks for nothing that the server does not tell", () => {
    const reported = new Set([...metrics].flatMap(namesOf));
    const asked = expressions.flatMap(
      (expression) => expression.match(/\b(?:wuts|nodejs|process)_\w+/g) ?? [],
    );
    assert.ok(asked.length > 20);
    assert.deepEqual(
      asked.filter((name) => !reported.has(name)),
      [],
    );
  });

  it("shows everything that the server tells of itself", () => {
    const own = [...metrics].filter(([name]) => name.startsWith("wuts_"));
    assert.ok(own.length >= 8);
    const shown = expressions.join("\n");
    const missing = own.filter((metric) => !namesOf(metric).some((name) => shown.includes(`${name}{`)));
    assert.deepEqual(missing, []);
  });

  it("takes rates of what only grows, and the rest as it is", () => {
    for (const expression of expressions) {
      for (const [, before, name = ""] of expression.matchAll(/(\w+\()?\b((?:wuts|nodejs|process)_\w+)\{/g)) {
        const isGauge = metrics.get(name) === "gauge";
        assert.equal(before === "rate(" || before === "increase(", !isGauge, expression);
      }
    }
  });

  it("asks the data source, the job and the instances that are chosen", () => {
    for (const expression of expressions)
      assert.match(expression, /\{job=~"\$job", instance=~"\$instance"[,}]/, expression);
    for (const panel of panels) assert.equal(textAt(panel, "datasource", "uid"), `\${datasource}`);
    const variables = listAt(dashboard, "templating", "list").map((variable) => textAt(variable, "name"));
    assert.deepEqual(variables, ["datasource", "job", "instance"]);
  });
});
