// The peer of the phone's page: what one would write by hand for this one list, and nothing else.
const AUDIENCES = { women: "femmes seules", families: "familles", men: "hommes seuls", couples: "couples", mixed: "tout public" };
const territory = new URLSearchParams(location.search).get("territory");
const at = `/v1/territories/${territory}`;
const [free, full] = document.querySelectorAll("ul");
const template = document.querySelector("template").content.firstElementChild;
const cards = new Map();
let early = [];
let places = null;

const socket = new WebSocket(`${location.origin.replace("http", "ws")}${at}/feed`);
socket.onmessage = ({ data }) => (places === null ? early.push(data) : take(data));
fetch(`${at}/sites`).then((answer) => answer.json()).then(({ sites }) => {
  places = new Map();
  for (const site of sites) for (const pool of site.pools) places.set(pool.id, { site, pool });
  for (const data of early) take(data);
  early = [];
});
setInterval(() => { for (const card of cards.values()) tellAge(card); }, 5000);

function take(data) {
  for (const row of JSON.parse(data).rows) {
    if (row.gone) { remove(row.pool); continue; }
    if (!cards.has(row.pool)) cards.set(row.pool, made(places.get(row.pool)));
    show(cards.get(row.pool), row);
  }
}

function made({ site, pool }) {
  const item = template.cloneNode(true);
  const find = (selector) => item.querySelector(selector);
  find("h3").textContent = site.name;
  find(".who").textContent = AUDIENCES[pool.audience];
  find(".where").textContent = site.address;
  find(".hours").textContent = site.opening_hours;
  find(".call").textContent = `Appeler ${site.phone}`;
  find(".call").href = `tel:${site.phone}`;
  const rank = `${/75\d(\d\d)/.exec(site.address)[1]} ${site.name} ${pool.id}`;
  return { item, rank, number: find("strong"), word: find("span"), age: find(".age"), observed: 0 };
}

function show(card, row) {
  card.observed = Date.parse(row.observed_at);
  card.number.textContent = row.free;
  card.word.textContent = row.free === 0 ? "complet" : row.free < 2 ? "place" : "places";
  tellAge(card);
  const list = row.free === 0 ? full : free;
  if (card.item.parentNode !== list) insert(list, card);
}

/** Each item has its place, so that nothing moves under a thumb: found by halving. */
function insert(list, card) {
  let low = 0;
  let high = list.children.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list.children[middle].rank < card.rank) low = middle + 1;
    else high = middle;
  }
  card.item.rank = card.rank;
  list.insertBefore(card.item, list.children[low] ?? null);
}

function remove(pool) {
  cards.get(pool)?.item.remove();
  cards.delete(pool);
}

function tellAge(card) {
  const minutes = Math.floor((Date.now() - card.observed) / 60000);
  const words = minutes < 1 ? "à l’instant" : `il y a ${minutes} min`;
  if (card.age.textContent !== words) card.age.textContent = words;
}
