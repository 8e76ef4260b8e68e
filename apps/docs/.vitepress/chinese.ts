/** The words of VitePress's own parts on Chinese pages. */
export const chinese = {
  description: "用 TypeScript 构建、运行和训练 MobileNet，并提取特征：在浏览器、Node 和边缘。",
  theme: {
    outline: { level: [2, 3] as [number, number], label: "本页内容" },
    docFooter: { prev: "上一页", next: "下一页" },
    darkModeSwitchLabel: "外观",
    lightModeSwitchTitle: "切换到浅色",
    darkModeSwitchTitle: "切换到深色",
    sidebarMenuLabel: "目录",
    returnToTopLabel: "回到顶部",
    langMenuLabel: "语言",
  },
  search: {
    button: { buttonText: "搜索", buttonAriaLabel: "搜索" },
    modal: {
      noResultsText: "没有结果：",
      resetButtonTitle: "清除",
      backButtonTitle: "关闭",
      displayDetails: "显示详情",
      footer: { selectText: "打开", navigateText: "移动", closeText: "关闭" },
    },
  },
};
