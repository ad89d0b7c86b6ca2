// What a model writes, as elements. The parser's tokens are turned into elements one by one; no
// text is ever read as HTML, and nothing a model writes can load anything or run.
import MarkdownIt, { type Env, type Token } from 'markdown-it';
import { codeBlock } from './code_block';
import { element } from './dom';
import { addFormulas, formulaElement } from './mathematics';

const parser = new MarkdownIt({ html: false, linkify: true });
parser.linkify.set({ fuzzyLink: false, fuzzyEmail: false });
parser.validateLink = (address) => /^(https?:|mailto:)/i.test(address.trim());
addFormulas(parser);

const plainTags = new Set(
  'p ul ol li blockquote strong em s table thead tbody tr th td'.split(' '),
);

function attribute(token: Token, name: string): string {
  return String(token.attrGet(name) ?? '');
}

/** One level lower, as the conversation's title is the h1. */
function headingLevel(tag: string): 'h2' | 'h3' | 'h4' | 'h5' | 'h6' {
  return (['h2', 'h3', 'h4', 'h5', 'h6', 'h6'] as const)[Number(tag[1]) - 1] ?? 'h6';
}

function linkElement(address: string): HTMLAnchorElement {
  return element('a', { href: address, target: '_blank', rel: 'noopener noreferrer nofollow' });
}

function openedElement(token: Token): HTMLElement {
  if (token.type === 'heading_open') return element(headingLevel(token.tag));
  if (token.type === 'link_open') return linkElement(attribute(token, 'href'));
  if (!plainTags.has(token.tag)) return element('span');
  const made = document.createElement(token.tag);
  const start = attribute(token, 'start');
  if (start) made.setAttribute('start', start);
  const align = /text-align:(left|center|right)/.exec(attribute(token, 'style'))?.[1];
  if (align) made.className = `align-${align}`;
  return made;
}

/** Pictures would tell other servers what is talked about: a link to them must do. */
function pictureLink(token: Token): Node {
  const link = linkElement(attribute(token, 'src'));
  link.textContent = token.content || 'picture';
  return link;
}

function leafNode(token: Token): Node {
  switch (token.type) {
    case 'text':
    case 'text_special':
    case 'html_inline':
    case 'html_block':
      return document.createTextNode(token.content);
    case 'softbreak':
      return document.createTextNode('\n');
    case 'hardbreak':
      return element('br');
    case 'hr':
      return element('hr');
    case 'code_inline':
      return element('code', {}, token.content);
    case 'fence':
      return codeBlock(token.content, token.info.trim().split(/\s+/)[0] ?? '');
    case 'code_block':
      return codeBlock(token.content, '');
    case 'image':
      return pictureLink(token);
    case 'formula':
      return formulaElement(token.content, false);
    case 'formula_display':
      return formulaElement(token.content, true);
    case 'formula_begun':
      return element('p', { class: 'formula begun' }, token.content);
    default:
      return document.createTextNode(token.content);
  }
}

function append(into: Node, tokens: Token[]): void {
  const open: Node[] = [into];
  for (const token of tokens) {
    const inner = open.at(-1)!;
    if (token.hidden) continue; // paragraphs of tight lists
    if (token.type === 'inline') {
      append(inner, token.children ?? []);
    } else if (token.nesting === 1) {
      const made = openedElement(token);
      inner.appendChild(
        token.tag === 'table' ? element('div', { class: 'table', tabindex: 0 }, made) : made,
      );
      open.push(made);
    } else if (token.nesting === -1) {
      open.pop();
    } else {
      inner.appendChild(leafNode(token));
    }
  }
}

interface Block {
  source: string;
  nodes: ChildNode[];
}

/** Shows a growing text: only blocks that have changed are made again. */
export class MarkdownView {
  readonly root = element('div', { class: 'markdown' });
  private blocks: Block[] = [];
  private links = 0;

  show(text: string): void {
    const context: Env = {};
    const tokens = parser.parse(text, context);
    const lines = text.split('\n');
    const links = Object.keys(context.references ?? {}).length;
    if (links !== this.links) this.truncate(0); // a link's address may have come after it
    this.links = links;
    let count = 0;
    for (let begin = 0, end = 0; begin < tokens.length; begin = end, count += 1) {
      end = begin + 1;
      if (tokens[begin]!.nesting === 1) {
        while (tokens[end - 1]!.nesting !== -1 || tokens[end - 1]!.level !== 0) end += 1;
      }
      const [first, last] = tokens[begin]!.map ?? [0, lines.length];
      const type = tokens[begin]!.type;
      const source = `${type}\n${lines.slice(first, last).join('\n')}`;
      if (this.blocks[count]?.source === source) continue;
      this.truncate(count);
      const made = document.createDocumentFragment();
      append(made, tokens.slice(begin, end));
      this.blocks.push({ source, nodes: [...made.childNodes] });
      this.root.append(made);
    }
    this.truncate(count);
  }

  private truncate(count: number): void {
    for (const block of this.blocks.splice(count)) for (const node of block.nodes) node.remove();
  }
}
