using Bunit;
using InviteAdmin.Components.Shared;

namespace InviteAdmin.Tests.Pages.Shared;

public sealed class RowNewsTests : BunitContext
{
    [Fact]
    public void Hold_RowsArrivedInFront_KeepsThePlacesTicksTheNumbersAndCountsTheNew()
    {
        var (rows, news) = RowNews.Hold([new Row("b", 1), new Row("a", 1)], [new Row("d", 0), new Row("c", 0), new Row("b", 7)], r => r.Id);

        Assert.Equal([new Row("b", 7), new Row("a", 1)], rows);
        Assert.Equal(new RowNews(2, IsMoved: true), news);
    }

    [Fact]
    public void Hold_OnlyNumbersChanged_HasNoNews()
    {
        var (rows, news) = RowNews.Hold([new Row("a", 1), new Row("b", 1)], [new Row("a", 2), new Row("b", 3)], r => r.Id);

        Assert.Equal([new Row("a", 2), new Row("b", 3)], rows);
        Assert.False(news.Any);
    }

    [Fact]
    public void Hold_OrderChanged_SaysSoAndStays()
    {
        var (rows, news) = RowNews.Hold([new Row("a", 1), new Row("b", 1)], [new Row("b", 9), new Row("a", 1)], r => r.Id);

        Assert.Equal(["a", "b"], rows.Select(r => r.Id));
        Assert.Equal(new RowNews(0, IsMoved: true), news);
    }

    [Fact]
    public void Hold_NothingWasShown_ShowsWhatCame() => Assert.Single(RowNews.Hold([], [new Row("a", 1)], r => r.Id).Rows);

    [Fact]
    public void NewRows_News_OffersToShowThem()
    {
        var shown = 0;
        var news = Render<NewRows>(p => p.Add(c => c.News, new RowNews(14, IsMoved: true)).Add(c => c.OnShow, () => shown++));

        Assert.Equal("14 new – show", news.Find("button").TextContent);
        news.Find("button").Click();
        Assert.Equal(1, shown);
    }

    [Fact]
    public void NewRows_OnlyTheOrder_SaysSo() =>
        Assert.Equal("The order has changed – show", Render<NewRows>(p => p.Add(c => c.News, new RowNews(0, IsMoved: true)).Add(c => c.OnShow, () => { })).Find("button").TextContent);

    [Fact]
    public void NewRows_NoNews_TakesNoRoomAndSaysNothing()
    {
        var news = Render<NewRows>(p => p.Add(c => c.News, RowNews.None).Add(c => c.OnShow, () => { }));

        Assert.Empty(news.FindAll("button"));
        Assert.Equal("", news.Find("[role=status]").TextContent);
    }

    private sealed record Row(string Id, int Points);
}
