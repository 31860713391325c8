import { join } from "node:path";
import ts from "typescript";

/** The folder of the declarations that users compile against; `npm run build` writes it. */
export const declarationsFolder = join(import.meta.dirname, "..", "dist");

/** A name that users can see, and what its documentation says. */
export interface PublicName {
  /** Such as `DevicesCalls.list`, and `DevicesCalls.list(parameters)` for a parameter. */
  readonly name: string;
  /** Its text and its tags. */
  readonly documentation: string;
}

/** @returns every name that the entries of the package export, with their members and parameters, as the compiler reads them */
export function publicNames(entries: readonly string[]): PublicName[] {
  const files = entries.map((entry) => join(declarationsFolder, entry));
  const program = ts.createProgram(files, { strict: true, target: ts.ScriptTarget.ES2022, types: [] });
  const checker = program.getTypeChecker();
  const found: PublicName[] = [];
  const seen = new Set<ts.Symbol>();
  const add = (name: string, symbol: ts.Symbol) =>
    found.push({
      name,
      documentation: [
        ts.displayPartsToString(symbol.getDocumentationComment(checker)),
        ...symbol.getJsDocTags(checker).map(({ text }) => ts.displayPartsToString(text)),
      ]
        .join("\n")
        .trim(),
    });
  const visit = (name: string, node: ts.Node): void => {
    ts.forEachChild(node, (child) => {
      const symbol = isMember(child) ? checker.getSymbolAtLocation(child.name) : undefined;
      const named = symbol === undefined ? name : `${name}.${symbol.name}`;
      if (symbol !== undefined) add(named, symbol);
      if (ts.isParameter(child) && isOfFunction(child.parent)) {
        const parameter = checker.getSymbolAtLocation(child.name);
        if (parameter !== undefined) add(`${name}(${parameter.name})`, parameter);
      }
      visit(named, child);
    });
  };
  for (const file of files) {
    const source = program.getSourceFile(file);
    const module = source && checker.getSymbolAtLocation(source);
    if (module === undefined) throw new Error(`${file} is not there: npm run build`);
    for (const exported of checker.getExportsOfModule(module)) {
      const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
      if (seen.has(symbol)) continue;
      seen.add(symbol);
      add(exported.name, symbol);
      for (const declaration of symbol.declarations ?? []) visit(exported.name, declaration);
    }
  }
  return found;
}

type Member = ts.PropertySignature | ts.MethodSignature | ts.PropertyDeclaration | ts.MethodDeclaration;

function isMember(node: ts.Node): node is Member {
  return (
    ts.isPropertySignature(node) ||
    ts.isMethodSignature(node) ||
    ts.isPropertyDeclaration(node) ||
    ts.isMethodDeclaration(node)
  );
}

/** Parameters of function types have no documentation of their own. */
function isOfFunction(node: ts.Node): boolean {
  return (
    ts.isFunctionDeclaration(node) ||
    ts.isMethodSignature(node) ||
    ts.isMethodDeclaration(node) ||
    ts.isConstructorDeclaration(node)
  );
}

/** @returns what the compiler says of a program that uses the declarations, by the line of the program, from 0 */
export function problemsIn(program: string): Map<number, string> {
  const name = join(declarationsFolder, "program.ts");
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    types: [],
    skipLibCheck: true,
    allowImportingTsExtensions: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (path) => path === name || fileExists(path);
  host.getSourceFile = (path, ...others) =>
    path === name ? ts.createSourceFile(path, program, others[0]) : getSourceFile(path, ...others);
  const compiled = ts.createProgram([name], options, host);
  return new Map(
    ts.getPreEmitDiagnostics(compiled).map(({ file, start = 0, messageText }) => {
      const line = file?.fileName === name ? file.getLineAndCharacterOfPosition(start).line : -1;
      return [line, ts.flattenDiagnosticMessageText(messageText, "\n")];
    }),
  );
}
