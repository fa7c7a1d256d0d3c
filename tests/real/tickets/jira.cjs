// Reads a JSON list of texts in wiki markup from standard input, and writes what Jira Cloud makes of each, one a line.
const { WikiMarkupTransformer } = require('@atlaskit/editor-wikimarkup-transformer');
const transformer = new WikiMarkupTransformer();
for (const text of JSON.parse(require('node:fs').readFileSync(0, 'utf8'))) {
  process.stdout.write(JSON.stringify(transformer.parse(text).toJSON()) + '\n');
}
