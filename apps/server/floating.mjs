import ts from "typescript"; import path from "node:path";
const cfg = ts.getParsedCommandLineOfConfigFile("tsconfig.json",{}, {...ts.sys,onUnRecoverableConfigFileDiagnostic(){}});
const prog = ts.createProgram(cfg.fileNames,cfg.options); const ck = prog.getTypeChecker();
const isP = (t)=> t && (t.symbol?.name==="Promise" || (t.isUnion?.() && t.types.some(isP)));
for (const sf of prog.getSourceFiles()) { if (sf.isDeclarationFile||!/src\/.*(test\.ts|test-support\/.*\.ts)$/.test(sf.fileName)) continue;
 const say=(n,k)=>console.log(`${path.relative(".",sf.fileName)}:${sf.getLineAndCharacterOfPosition(n.getStart()).line+1} ${k} ${n.getText().slice(0,90).replace(/\n/g," ")}`);
 const visit=(n)=>{
  if (ts.isExpressionStatement(n) && ts.isCallExpression(n.expression) && isP(ck.getTypeAtLocation(n.expression))) { const t=n.expression.getText(); if(!/^(describe|it|test|suite)[.(]/.test(t)) say(n,"floating"); }
  if (ts.isCallExpression(n) && /^assert\b/.test(n.expression.getText())&&!/rejects|doesNotReject/.test(n.expression.getText())) for (const a of n.arguments) { const chk=(e)=>{ if(isP(ck.getTypeAtLocation(e))) say(e,"assert-arg"); if(ts.isArrayLiteralExpression(e)) e.elements.forEach(chk);}; chk(a);}
  if (ts.isTemplateSpan(n) && isP(ck.getTypeAtLocation(n.expression))) say(n.expression,"template");
  if (ts.isCallExpression(n) && /JSON\.stringify|String\(/.test(n.expression.getText()+"(")) for(const a of n.arguments) if(isP(ck.getTypeAtLocation(a))) say(a,"stringify");
  if (ts.isForOfStatement(n)&&isP(ck.getTypeAtLocation(n.expression))) say(n.expression,"forof");
  if (ts.isPropertyAssignment(n)&&isP(ck.getTypeAtLocation(n.initializer))&&/seen|found|token|body/.test(n.name.getText())) say(n,"prop");
  if (ts.isBinaryExpression(n)&&/[=!<>]==?|[<>]/.test(n.operatorToken.getText())&&n.operatorToken.kind!==ts.SyntaxKind.EqualsToken&&(isP(ck.getTypeAtLocation(n.left))||isP(ck.getTypeAtLocation(n.right)))) say(n,"cmp");
  if (ts.isAsExpression(n)) {}
  ts.forEachChild(n,visit)}; visit(sf);}
