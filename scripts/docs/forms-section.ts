/** The part of docs/reference/endpoints.md on multipart forms. */
export const FORMS_SECTION = `## Forms

\`/audio/transcriptions\`, \`/audio/translations\` and \`/images/edits\` take \`multipart/form-data\`; edits take JSON as well. A form is written anew on
its way, with the contents as they came: \`model\` becomes the deployment's, fields for the gateway are taken out, texts and numbers among
the default parameters are added. \`general_settings.max_request_size_mb\` bounds it. It is never held whole in memory:

| the form | what happens |
|---|---|
| up to 64 KiB of files, and 1 MiB in all | it is read whole, then sent; its fields may stand in any order |
| larger, \`model\` (or the path) and what chooses by tags before the file | it goes on while it comes, in chunks |
| larger, the file before \`model\`, or before tags that may choose | it is put into a temporary file (below \`TMPDIR\`), then sent with its length |

Tags: \`tags\` as one text is a JSON list, or a list with commas; \`tags[]\` is one tag in each part. \`metadata\` and \`litellm_metadata\` are JSON texts, or
spelled out: \`metadata[tags][]\`. The header \`x-litellm-tags\` comes first, and spares a large file the temporary folder.

Behind a file that is on its way already, a field that would change where it goes ends the call with 400 \`invalid_form\`, and the upstream
never has the form whole. Put \`model\`, \`tags\` and \`metadata\` before the file, or use the header.
`;
