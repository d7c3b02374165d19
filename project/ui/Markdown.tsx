/** Shows `html` that our server rendered and sanitised, nothing else; the plain text where an event was too large to carry it. */
interface Props {
  html: string | null;
  text: string;
  class?: string;
}

export function Markdown({ html, text, class: extra }: Props) {
  const look = extra ? `markdown ${extra}` : "markdown";
  if (html === null) return <div class={`${look} plain-text`}>{text}</div>;
  return <div class={look} dangerouslySetInnerHTML={{ __html: html }} />;
}
