/** Entry of the Performance pages. */
import { mount } from "../../../project/ui/mount";
import { pageData } from "../../../project/ui/page";
import { ComparisonPage } from "./ComparisonPage";
import { ListPage } from "./ListPage";
import { ReportPage } from "./ReportPage";
import type { PerformanceData } from "./types";
import "./performance.css";

function view(data: PerformanceData) {
  switch (data.view) {
    case "list":
      return <ListPage data={data} />;
    case "report":
      return <ReportPage data={data} />;
    case "comparison":
      return <ComparisonPage data={data} />;
  }
}

mount(view(pageData<PerformanceData>()));
