"use strict";
// Without this script the page is whole; it adds sorting, and shows what hangs
// on a table.
(() => {
  const sizes = document.getElementById("sizes");
  if (sizes) {
    const body = sizes.tBodies[0];
    const heads = [...sizes.tHead.rows[0].cells];
    heads.forEach((head, at) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      head.textContent = "";
      head.append(button);
      button.addEventListener("click", () => {
        const number = head.dataset.sort === "number";
        const first = number ? "descending" : "ascending";
        const turned = number ? "ascending" : "descending";
        const order = head.getAttribute("aria-sort") === first ? turned : first;
        heads.forEach((h) => h.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", order);
        const sign = order === "ascending" ? 1 : -1;
        const key = (row) => number ? Number(row.cells[at].dataset.n) : row.cells[at].textContent;
        const rows = [...body.rows].sort((a, b) => {
          const x = key(a), y = key(b);
          return sign * (number ? x - y : x.localeCompare(y));
        });
        body.append(...rows);
      });
    });
  }

  const drawing = document.getElementById("drawing");
  if (drawing) {
    const nodes = [...drawing.querySelectorAll(".node")];
    const edges = [...drawing.querySelectorAll(".edge[data-from]")];
    const pick = (node) => {
      const n = node.dataset.n, near = new Set([n]);
      for (const e of edges) {
        const hit = e.dataset.from === n || e.dataset.to === n;
        e.classList.toggle("near", hit);
        if (hit) near.add(e.dataset.from).add(e.dataset.to);
      }
      nodes.forEach((x) => x.classList.toggle("near", near.has(x.dataset.n)));
      drawing.classList.add("picked");
    };
    const drop = () => {
      drawing.classList.remove("picked");
      drawing.querySelectorAll(".near").forEach((x) => x.classList.remove("near"));
    };
    for (const node of nodes) {
      node.addEventListener("mouseenter", () => pick(node));
      node.addEventListener("mouseleave", drop);
      node.addEventListener("focus", () => pick(node));
      node.addEventListener("blur", drop);
    }
  }

  // A link to a table opens its columns; on paper all are open.
  const open = () => {
    const hit = location.hash && document.getElementById(location.hash.slice(1));
    if (hit && hit.localName === "details") {
      hit.open = true;
      hit.scrollIntoView();
    }
  };
  addEventListener("hashchange", open);
  open();
  addEventListener("beforeprint", () => document.querySelectorAll("details.table").forEach((d) => { d.open = true; }));
})();
