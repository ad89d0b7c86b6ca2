// Program text with colours and a button that copies it.
import bash from 'highlight.js/lib/languages/bash';
import c from 'highlight.js/lib/languages/c';
import cpp from 'highlight.js/lib/languages/cpp';
import csharp from 'highlight.js/lib/languages/csharp';
import css from 'highlight.js/lib/languages/css';
import diff from 'highlight.js/lib/languages/diff';
import go from 'highlight.js/lib/languages/go';
import haskell from 'highlight.js/lib/languages/haskell';
import ini from 'highlight.js/lib/languages/ini';
import java from 'highlight.js/lib/languages/java';
import javascript from 'highlight.js/lib/languages/javascript';
import json from 'highlight.js/lib/languages/json';
import kotlin from 'highlight.js/lib/languages/kotlin';
import latex from 'highlight.js/lib/languages/latex';
import makefile from 'highlight.js/lib/languages/makefile';
import php from 'highlight.js/lib/languages/php';
import python from 'highlight.js/lib/languages/python';
import r from 'highlight.js/lib/languages/r';
import ruby from 'highlight.js/lib/languages/ruby';
import rust from 'highlight.js/lib/languages/rust';
import sql from 'highlight.js/lib/languages/sql';
import swift from 'highlight.js/lib/languages/swift';
import typescript from 'highlight.js/lib/languages/typescript';
import xml from 'highlight.js/lib/languages/xml';
import yaml from 'highlight.js/lib/languages/yaml';
import { createLowlight } from 'lowlight';
import { confirm, copyText, element, iconButton } from './dom';

const languages = {
  ...{ bash, c, cpp, csharp, css, diff, go, haskell, ini, java, javascript, json, kotlin, latex },
  ...{ makefile, php, python, r, ruby, rust, sql, swift, typescript, xml, yaml },
};
const lowlight = createLowlight(languages);
const LONGEST = 50_000; // characters that are still coloured

type Tree = ReturnType<typeof lowlight.highlight>['children'][number];

function nodeOf(tree: Tree): Node {
  if (tree.type === 'text') return document.createTextNode(tree.value);
  const span = document.createElement('span');
  if (tree.type !== 'element') return span;
  const classes = tree.properties.className;
  if (Array.isArray(classes)) span.className = classes.join(' ');
  span.append(...tree.children.map((child) => nodeOf(child as Tree)));
  return span;
}

function coloured(text: string, language: string): Node[] {
  if (!lowlight.registered(language) || text.length > LONGEST) {
    return [document.createTextNode(text)];
  }
  return lowlight.highlight(language, text).children.map(nodeOf);
}

export function codeBlock(text: string, language: string): HTMLElement {
  const name = language.toLowerCase();
  const copy: HTMLButtonElement = iconButton('copy', 'Copy code', async () => {
    if (await copyText(text)) confirm(copy, 'Copied');
  });
  return element(
    'figure',
    { class: 'code-block' },
    element('figcaption', {}, element('span', {}, language.slice(0, 30) || 'text'), copy),
    element(
      'pre',
      { tabindex: 0 }, // to scroll sideways by keyboard
      element('code', {}, ...coloured(text.replace(/\n$/, ''), name)),
    ),
  );
}
