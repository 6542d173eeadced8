/// How the page looks: by day, by night, on paper and in narrow windows. Nothing is fetched.
///
/// The eight colours of series are those of Okabe and Ito, which people with any colour vision tell apart, darker by day and lighter by
/// night where their ground asks for it; lines differ in their dashes too.
enum PageStyle {
    static let css: StaticString = """
        :root{color-scheme:light dark;--bg:#fff;--fg:#1c1f23;--dim:#5a626c;--rule:#d5dae0;--soft:#f4f6f8;--bad:#a8320a;--warn:#fff4d6;--warnb:#b98900;
        --c0:#0072b2;--c1:#d55e00;--c2:#008a65;--c3:#b8568e;--c4:#b37a00;--c5:#2f8fc4;--c6:#7a6f00;--c7:#6a4fb3;--total:#1c1f23;--part:#0072b2;--whole:#b9cfe0}
        @media (prefers-color-scheme:dark){:root{--bg:#14171a;--fg:#e4e8ec;--dim:#9aa4af;--rule:#363d45;--soft:#1d2227;--bad:#ff9466;--warn:#3a2f0b;--warnb:#d9a520;
        --c0:#56a8e8;--c1:#ff8b3d;--c2:#2fc79a;--c3:#e29ac4;--c4:#f0b429;--c5:#8fd0f5;--c6:#e3d94a;--c7:#b49cf0;--total:#e4e8ec;--part:#56a8e8;--whole:#34506a}}
        *{box-sizing:border-box}
        body{margin:0 auto;padding:1.5rem 1.25rem 3rem;max-width:82rem;background:var(--bg);color:var(--fg);font:15px/1.5 system-ui,sans-serif}
        h1{font-size:1.6rem;line-height:1.25;margin:0 0 .25rem}
        h2{font-size:1.15rem;margin:2.25rem 0 .6rem}
        p{margin:.4rem 0;max-width:60rem}
        .dim,figcaption small{color:var(--dim)}
        .hash{font:.85em ui-monospace,monospace;overflow-wrap:anywhere}
        dl.meta{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1rem;margin:.75rem 0;font-size:.92rem}
        dl.meta dt{color:var(--dim)}
        dl.meta dd{margin:0;min-width:0}
        ul.notes{margin:1rem 0;padding:.6rem 1rem .6rem 2rem;background:var(--warn);border-left:4px solid var(--warnb)}
        .tiles{display:flex;flex-wrap:wrap;gap:.6rem;margin:1.25rem 0}
        .tiles div{background:var(--soft);border:1px solid var(--rule);border-radius:6px;padding:.5rem .9rem;min-width:8rem}
        .tiles b{display:block;font-size:1.25rem;font-variant-numeric:tabular-nums}
        .tiles span{color:var(--dim);font-size:.85rem}
        .wide{overflow-x:auto;border:1px solid var(--rule);border-radius:6px}
        .tall{max-height:32rem;overflow:auto}
        table{border-collapse:collapse;width:100%;font-size:.88rem}
        th,td{padding:.32rem .6rem;text-align:left;border-bottom:1px solid var(--rule);vertical-align:top}
        tr:last-child>*{border-bottom:0}
        thead th{position:sticky;top:0;background:var(--soft);white-space:nowrap;font-weight:600}
        thead th[title]{cursor:help}
        tbody th{position:sticky;left:0;background:var(--bg);font-weight:600;white-space:nowrap;max-width:26rem;overflow:hidden;text-overflow:ellipsis}
        .sum>tr>*{background:var(--soft);font-weight:600}
        .n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
        .w{min-width:14rem;overflow-wrap:anywhere}
        .t{white-space:nowrap}
        .neg{color:var(--bad)}
        data[title],time[title]{text-decoration:underline dotted var(--dim);text-underline-offset:3px;cursor:help}
        figure{margin:1.5rem 0 0}
        figcaption{margin-bottom:.3rem}
        figcaption b{font-size:1.02rem}
        figcaption small{display:block;font-size:.86rem}
        .legend{display:flex;flex-wrap:wrap;gap:.1rem 1.1rem;margin:.2rem 0;padding:0;list-style:none;font-size:.85rem}
        .legend svg{width:28px;height:10px;margin-right:.35rem}
        .legend li{overflow-wrap:anywhere}
        .chart{overflow-x:auto}
        .chart svg{display:block;width:100%;min-width:44rem;height:auto}
        svg text{font:12px system-ui,sans-serif;fill:var(--dim)}
        svg .y{text-anchor:end}
        svg .x{text-anchor:middle}
        svg .g{stroke:var(--rule);fill:none}
        svg .z{stroke:var(--dim);fill:none}
        svg .l{fill:none;stroke-width:1.6;stroke-linejoin:round}
        svg .d{fill:none;stroke-width:5;stroke-linecap:round;opacity:.8}
        svg .e{fill:none;opacity:.45}
        .s0{stroke:var(--c0)}.s1{stroke:var(--c1)}.s2{stroke:var(--c2)}.s3{stroke:var(--c3)}.s4{stroke:var(--c4)}.s5{stroke:var(--c5)}.s6{stroke:var(--c6)}.s7{stroke:var(--c7)}
        .l.s1{stroke-dasharray:7 3}.l.s2{stroke-dasharray:2 3}.l.s3{stroke-dasharray:9 3 2 3}.l.s4{stroke-dasharray:12 4}.l.s5{stroke-dasharray:4 2}.l.s6{stroke-dasharray:1 2}
        .l.s7{stroke-dasharray:9 2 2 2 2 2}
        .l.st{stroke:var(--total);stroke-width:2.4}
        .whole{fill:var(--whole)}
        .part{fill:var(--part)}
        .gain{fill:var(--c0)}
        .loss{fill:var(--c1)}
        @media (max-width:40rem){body{padding:1rem .75rem}.tiles div{flex:1 1 40%;min-width:0}dl.meta{grid-template-columns:1fr}dl.meta dt{margin-top:.4rem}}
        @media print{:root{--bg:#fff;--fg:#000;--dim:#444;--rule:#bbb;--soft:#f2f2f2;--total:#000}body{max-width:none;padding:0;font-size:10pt}
        .wide,.tall,.chart{overflow:visible;max-height:none;border:0}table{font-size:7.5pt}th,td{padding:.15rem .25rem}thead th{position:static}
        .chart svg{min-width:0}figure,tr{break-inside:avoid}h2{break-after:avoid}tbody th,.n,.t{white-space:normal}}

        """
}
