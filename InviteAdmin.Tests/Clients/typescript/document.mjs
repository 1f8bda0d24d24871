// Asks Ajv (JSON Schema 2020-12) about the served document: every schema compiles, and every example fits its schema.
import { readFileSync } from "node:fs";
import Ajv2020 from "ajv/dist/2020.js";

const document = JSON.parse(readFileSync(process.argv[2], "utf8"));
const ajv = new Ajv2020.default({ strict: false, validateFormats: false, allErrors: true });
ajv.addSchema(document, "document");
const wrong = [];
const whole = (node) => JSON.parse(JSON.stringify(node), (key, value) => (key === "$ref" ? `document${value}` : value));
let [schemas, examples] = [0, 0];
for (const name of Object.keys(document.components.schemas)) {
  ajv.compile({ $ref: `document#/components/schemas/${name}` });
  schemas++;
}

function check(what, schema, example) {
  const validate = ajv.compile(whole(schema));
  if (!validate(example)) wrong.push(`${what}: ${ajv.errorsText(validate.errors)}`);
  examples++;
}

for (const [path, operations] of Object.entries(document.paths)) {
  for (const [method, operation] of Object.entries(operations)) {
    const body = operation.requestBody?.content["application/json"];
    if (body?.example) check(`${method} ${path} request`, body.schema, body.example);
    for (const [status, response] of Object.entries(operation.responses)) {
      for (const [type, media] of Object.entries(response.content ?? {})) {
        if (media.example) check(`${method} ${path} ${status} ${type}`, media.schema, media.example);
        for (const one of Object.values(media.examples ?? {})) {
          const at = one.$ref?.split("/").slice(1) ?? [];
          check(`${method} ${path} ${status} ${at.at(-1)}`, media.schema, (one.$ref ? at.reduce((node, part) => node[part], document) : one).value);
        }
      }
    }
  }
}

if (wrong.length) {
  console.error(wrong.join("\n"));
  process.exit(1);
}
console.log(`${schemas} schemas, ${examples} examples`);
