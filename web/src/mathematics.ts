// Formulas in Markdown: \( \), \[ \], $ $ and $$ $$, and \boxed{ } outside of them, shown by KaTeX.
import katex from 'katex';
import type { MarkdownIt, StateBlock, StateInline } from 'markdown-it';

const LONGEST = 20_000;

/** Where an unescaped `mark` is, or -1. */
function find(source: string, mark: string, from: number): number {
  for (let at = source.indexOf(mark, from); at >= 0; at = source.indexOf(mark, at + 1)) {
    let slashes = 0;
    while (source[at - 1 - slashes] === '\\') slashes += 1;
    if (slashes % 2 === 0) return at;
  }
  return -1;
}

/** Prices aren't formulas: no space within the dollar signs, no digit behind them, no code between. */
function isDollarFormula(source: string, start: number, end: number): boolean {
  const inner = source.slice(start, end);
  return (
    inner !== '' &&
    !/^\s|\s$|`/.test(inner) &&
    !/\d/.test(source[end + 1] ?? '') &&
    !inner.includes('\n\n')
  );
}

function inlineRule(state: StateInline, silent: boolean): boolean {
  const { src, pos } = state;
  const pairs: [string, string, boolean][] = [
    ['\\(', '\\)', false],
    ['\\[', '\\]', true],
    ['$$', '$$', true],
    ['$', '$', false],
  ];
  const pair = pairs.find(([open]) => src.startsWith(open, pos));
  if (!pair) return false;
  const [open, close, display] = pair;
  const start = pos + open.length;
  const end = find(src, close, start);
  if (end < 0 || end + close.length > state.posMax) return false;
  if (open === '$' && !isDollarFormula(src, start, end)) return false;
  if (src.slice(start, end).trim() === '') return false;
  if (!silent) {
    const token = state.push(display ? 'formula_display' : 'formula', '', 0);
    token.content = src.slice(start, end);
  }
  state.pos = end + close.length;
  return true;
}

/** A boxed answer without signs of a formula around it; words in it are set as words. */
function boxedRule(state: StateInline, silent: boolean): boolean {
  const { src, pos, posMax } = state;
  const open = '\\boxed{';
  if (!src.startsWith(open, pos)) return false;
  const start = pos + open.length;
  let end = start;
  for (let depth = 1; end < posMax; end += 1) {
    if (src[end] === '\\') end += 1;
    else if (src[end] === '{') depth += 1;
    else if (src[end] === '}' && (depth -= 1) === 0) break;
  }
  if (end >= posMax) return false;
  if (!silent) {
    const inner = src.slice(start, end);
    const isWords = /[A-Za-z]{2}/.test(inner) && !/[\\{}]/.test(inner);
    state.push('formula', '', 0).content = `\\boxed{${isWords ? `\\text{${inner}}` : inner}}`;
  }
  state.pos = end + 1;
  return true;
}

/** A display formula that begins a line may go over many; what isn't closed yet is still coming. */
function blockRule(state: StateBlock, first: number, last: number, silent: boolean): boolean {
  const from = state.bMarks[first]! + state.tShift[first]!;
  const open = state.src.slice(from, from + 2);
  if (open !== '$$' && open !== '\\[') return false;
  const close = open === '$$' ? '$$' : '\\]';
  const lines: string[] = [];
  for (let line = first; line < last; line += 1) {
    const begin = line === first ? from + 2 : state.bMarks[line]! + state.tShift[line]!;
    const text = state.src.slice(begin, state.eMarks[line]);
    const end = find(text, close, 0);
    const isLast = end >= 0 || line + 1 === last;
    lines.push(end >= 0 ? text.slice(0, end) : text);
    if (line > first && text.trim() === '') return false;
    if (!isLast) continue;
    if (end >= 0 && text.slice(end + 2).trim() !== '') return false;
    if (silent) return true;
    const token = state.push(end >= 0 ? 'formula_display' : 'formula_begun', '', 0);
    token.content = lines.join('\n');
    token.map = [first, line + 1];
    state.line = line + 1;
    return true;
  }
  return false;
}

export function addFormulas(markdown: MarkdownIt): void {
  markdown.inline.ruler.before('escape', 'formula', inlineRule);
  markdown.inline.ruler.before('escape', 'boxed', boxedRule);
  markdown.block.ruler.before('fence', 'formula', blockRule, {
    alt: ['paragraph', 'reference', 'blockquote', 'list'],
  });
}

/** KaTeX makes the elements itself, and none that link or load anything (trust: false). */
export function formulaElement(source: string, display: boolean): HTMLElement {
  const holder = document.createElement(display ? 'div' : 'span');
  holder.className = display ? 'formula display' : 'formula';
  // A long one may scroll sideways, by keyboard too; short ones would only be stops on the way.
  if (display && source.length > 60) holder.tabIndex = 0;
  try {
    if (source.length > LONGEST) throw new Error('too long');
    katex.render(source, holder, {
      displayMode: display,
      throwOnError: true,
      strict: 'ignore',
      trust: false,
      maxSize: 50,
      maxExpand: 500,
    });
  } catch {
    const code = document.createElement('code');
    code.textContent = source;
    holder.replaceChildren(code);
  }
  return holder;
}
