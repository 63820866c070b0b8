type Attributes = { readonly [name: string]: string | number | boolean | undefined }
type Child = Node | string | number | undefined | false | readonly Child[]

const svgSpace = 'http://www.w3.org/2000/svg'

/** Creates an HTML element. Text is never interpreted as markup, whoever wrote it. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  return filled(document.createElement(tag), attributes, children)
}

/** Creates an SVG element. */
export function s<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[K] {
  return filled(document.createElementNS(svgSpace, tag), attributes, children)
}

function filled<E extends Element>(
  element: E,
  attributes: Attributes,
  children: readonly Child[]
): E {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) element.setAttribute(name, String(value))
  }
  append(element, children)
  return element
}

function append(element: Element, children: readonly Child[]): void {
  for (const child of children) {
    if (Array.isArray(child)) append(element, child)
    else if (child instanceof Node) element.append(child)
    else if (child !== undefined && child !== false) element.append(String(child))
  }
}

/**
 * Changes an element into a copy of another one and keeps what is unchanged: focus, scroll position, open details and drawn
 * charts. The content of an element with `data-chart` is left alone, because its chart draws it.
 */
export function morph(old: Element, next: Element): void {
  for (const { name } of [...old.attributes]) {
    if (!next.hasAttribute(name) && !isOwn(old, name)) old.removeAttribute(name)
  }
  for (const { name, value } of [...next.attributes]) {
    if (old.getAttribute(name) !== value && !isOwn(old, name)) old.setAttribute(name, value)
  }
  if (old.hasAttribute('data-chart')) return
  const kept = [...old.childNodes]
  const wanted = [...next.childNodes]
  wanted.forEach((child, i) => {
    const there = kept[i]
    if (!there) old.append(child)
    else if (!isAlike(there, child)) there.replaceWith(child)
    else if (there instanceof Element) morph(there, child as Element)
    else if (there.nodeValue !== child.nodeValue) there.nodeValue = child.nodeValue
  })
  for (const rest of kept.slice(wanted.length)) rest.remove()
}

/** Whether the reader or the chart sets this attribute, and not the page. */
function isOwn(element: Element, name: string): boolean {
  if (name === 'open') return element.localName === 'details'
  return element.hasAttribute('data-chart') && (name === 'style' || name.startsWith('aria-value'))
}

function isAlike(a: Node, b: Node): boolean {
  if (a.nodeType !== b.nodeType || a.nodeName !== b.nodeName) return false
  if (!(a instanceof Element && b instanceof Element)) return true
  return a.id === b.id && a.getAttribute('data-chart') === b.getAttribute('data-chart')
}
