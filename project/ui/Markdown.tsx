/** Shows `html` that our server rendered and sanitised. Nothing else may be handed to it. */
export function Markdown({ html, class: extra }: { html: string; class?: string }) {
  return <div class={extra ? `markdown ${extra}` : "markdown"} dangerouslySetInnerHTML={{ __html: html }} />;
}
